"""The plan of a deployment as it is kept: moved with a preview and an undo, committed to, forecast, shown, and run in waves."""
