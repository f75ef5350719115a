"""Which strategies fit a situation, which is first, why, how sure, and what would change it."""
