"""The machine room: settings, the embedded servers, the steps of a night and what a person sees of them."""
