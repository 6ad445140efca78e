"""The demo: invented history on real places, every event made by its verb under a moved clock."""
