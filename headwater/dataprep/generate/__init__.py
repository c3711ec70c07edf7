"""Generated data: questions from documents, evolved instructions, answers improved by principles; all checked."""
