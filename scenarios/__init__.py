"""What is asked of the strategies, and the worlds that carry it out."""
