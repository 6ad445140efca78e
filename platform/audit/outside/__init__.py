"""What leaves the house: nothing in this folder is used by the product, and it uses nothing of the product."""
