"""The page "Published models": files of models opened, and what they predict."""
