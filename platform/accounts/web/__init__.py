"""The pages of people: sign-in, one's own account, and the admin console of an organization."""
