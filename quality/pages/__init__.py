"""Pages people look at after a night: single files with style and charts inside, which load nothing from anywhere."""
