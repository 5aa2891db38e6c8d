"""The api process: webhooks, GraphQL and the web application on one address."""
