"""Forms in which trained weights lie on the disk, and getting from one to another, without a training library."""
