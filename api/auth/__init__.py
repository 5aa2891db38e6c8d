"""Who is calling: access tokens, cookies, API tokens, and the limits on guessing passwords."""
