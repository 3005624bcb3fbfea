"""The Teach page: links for a class, its board of races, and what the server bears."""
