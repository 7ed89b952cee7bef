"""Tools that build the files the product ships; nothing here runs when a question is answered."""
