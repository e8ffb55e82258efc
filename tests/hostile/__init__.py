"""What is made to hurt: texts for regular expressions, and exports cut, flipped and mixed."""
