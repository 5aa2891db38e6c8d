"""GraphQL: types, queries, mutations and subscriptions, and the two transports that carry them."""
