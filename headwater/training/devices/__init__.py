"""More than one device or machine: processes, torchrun, Ray."""
