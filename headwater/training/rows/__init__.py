"""From files of rows to tokens with their mask, in batches."""
