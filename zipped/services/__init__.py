"""Use cases as plain functions: they take a session, never commit, and raise DomainError."""
