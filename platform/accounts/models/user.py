"""A person. Global, and found only through memberships, never by looking through all users."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models.functions import Lower

from audit.actor import Actor
from tenancy.ids import uuid7

PREFERENCES = {
    "name",
    "time_zone",
    "language",
    "theme",
    "compact",
    "shortcuts",
    "quiet_from",
    "quiet_until",
    "country",
    "region",
}


class UserManager(BaseUserManager["User"]):
    """Creates people by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person; raise ValueError without an address."""
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a platform operator: may open the Django admin, through timed and reasoned staff sessions."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Someone who can sign in."""

    class Theme(models.TextChoices):
        """The colors of the pages."""

        SYSTEM = "", "As the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, blank=True, help_text="IANA name; empty: the organization's")
    language = models.CharField(max_length=12, default="en-us")
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.SYSTEM, blank=True)
    compact = models.BooleanField(default=False)
    shortcuts = models.BooleanField(default=True, help_text="Single-key shortcuts (WCAG 2.1.4)")
    quiet_from = models.TimeField(null=True, blank=True, help_text="No mail from this local time")
    quiet_until = models.TimeField(null=True, blank=True)
    country = models.CharField(
        max_length=2,
        blank=True,
        default="",
        db_default="",
        help_text="Whose public holidays are days off; empty: the work's",
    )
    region = models.CharField(max_length=3, blank=True, default="", db_default="", help_text="State or province")
    takes_push = models.BooleanField(
        default=False, db_default=False, help_text="Has a browser that takes push messages"
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name, for the libraries that ask."""
        return self.name

    @property
    def initials(self) -> str:
        """At most two letters for the round monogram."""
        words = self.name.split() or [self.email]
        return "".join(word[0] for word in words[:2]).upper()

    @property
    def density(self) -> str:
        """How close the rows stand: the name that the pages use."""
        return "compact" if self.compact else "normal"

    @property
    def keys(self) -> str:
        """Whether single-key shortcuts are on: the word that the pages use."""
        return "on" if self.shortcuts else "off"

    @transaction.atomic
    def prefer(self, **wishes: Any) -> None:
        """Keep the person's own settings; raise ValueError for a field that is not theirs to set, ValidationError for a bad value."""
        if unknown := wishes.keys() - PREFERENCES:
            raise ValueError(f"Not a person's own setting: {', '.join(sorted(unknown))}.")
        for field, value in wishes.items():
            setattr(self, field, value)
        self.clean_fields(exclude={field.name for field in self._meta.fields} - wishes.keys())
        self.save(update_fields=sorted(wishes))

    def acting(self, organization_id: Any = None, roles: frozenset[str] = frozenset()) -> Actor:
        """Return this person as the actor of a verb."""
        return Actor("person", self.id, str(self), organization_id, roles)
