"""Every kind of file in: profiles, staging, checks, rejects, digests, progress."""
