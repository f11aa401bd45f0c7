"""The accounts to sign in with while developing, one for each group; their passwords are known to everybody."""

from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission


class Account(NamedTuple):
    """An account whose password is its user name; ``may`` says in words what it is for."""

    username: str
    first_name: str
    last_name: str
    group: str
    may: str


ACCOUNTS = (
    Account("editor", "Robin", "Example", "Publishers", "publishes and retires"),
    Account("writer", "Alex", "Example", "Editors", "writes, and sends to review"),
    Account("viewer", "Kim", "Example", "Viewers", "reads"),
)


def create_account(account: Account) -> None:
    """Create an account with its group where there is none of this name; another's password and groups stay."""
    user, is_new = get_user_model().objects.get_or_create(
        username=account.username,
        defaults={
            "is_staff": True,
            "first_name": account.first_name,
            "last_name": account.last_name,
        },
    )
    if not is_new:
        return
    user.set_password(account.username)
    user.save()
    user.groups.set(Group.objects.filter(name=account.group))
    if account.group == "Publishers":
        user.user_permissions.set(Permission.objects.filter(content_type__app_label="catalog"))
