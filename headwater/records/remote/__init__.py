"""Rows that lie elsewhere: web addresses, object stores, hubs, data bases. They are fetched to a file first."""
