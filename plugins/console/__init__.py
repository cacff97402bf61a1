"""Pages of the console; what they show and do is in the warehouse."""
