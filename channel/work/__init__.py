"""Work that is claimed: due rows which any number of workers carry out once each, whatever becomes of a worker."""
