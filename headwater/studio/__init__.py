"""The Data Studio: somebody's files of rows become data sets, by recipes that are tried on a sample first."""

# Kinds of its jobs; here, so that a server can name them without opening the studio.
PREPARE, APPLY_EDITS, FETCH, GENERATE = "prepare_data", "apply_edits", "fetch_data", "generate_data"
