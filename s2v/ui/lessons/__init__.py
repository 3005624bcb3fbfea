"""Lessons on the pages: the list on Learn, and the bar at the top of the page that a step is about."""
