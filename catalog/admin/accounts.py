"""The accounts of staff: Django's own pages, on which an account can be deleted whatever its person was told."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest

from ..models import Notification

admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what goes with accounts; what their people were told does, which nobody deletes by itself."""
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        return listed, counts, needed - {Notification._meta.verbose_name}, protected
