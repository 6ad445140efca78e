"""The fault run: reminders sent by real workers while they, the broker, the database and the mail server are struck down."""
