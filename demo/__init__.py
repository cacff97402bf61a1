"""The pretend province: labelled deliveries of first-slice feeds with planted defects, made from a seed."""
