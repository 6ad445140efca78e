"""The design's pieces for the pages that stay Django templates: sign-in and the admin. Same macros, same look."""

from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from web import jinja
from web.components import Components
from web.context import appearance

register = template.Library()


def _ui() -> Components:
    return Components(jinja.engine())


@register.simple_tag(takes_context=True)
def html_attributes(context: template.Context) -> SafeString:
    """Return the attributes of `<html>` that carry theme and density."""
    request = context.get("request")
    look = appearance(request) if request is not None else {}
    theme = format_html(' data-theme="{}"', look["theme"]) if look.get("theme") else ""
    density = mark_safe(' data-density="compact"') if look.get("density") == "compact" else ""
    return format_html("{}{}", theme, density)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """Return an icon of the sprite."""
    return SafeString(jinja.icon(name, extra))


@register.simple_tag
def scene() -> SafeString:
    """Return the bridge beside the sign-in form."""
    return SafeString(jinja.engine().get_template("web/scene.html").render())


@register.simple_tag
def ui_field(field: BoundField) -> SafeString:
    """Draw a form field as product pages do."""
    return SafeString(_ui().field(field))  # the macro escapes


@register.simple_tag
def ui_errors(form: BaseForm | Any) -> SafeString:
    """Draw the error summary of a form; nothing where there is no form or no error."""
    return SafeString(_ui().form_errors(form) if isinstance(form, BaseForm) else "")
