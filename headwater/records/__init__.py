"""The one typed record of a training example, and every file format it is read from and written to."""
