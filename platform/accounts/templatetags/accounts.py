"""What the sign-in pages, which stay Django templates, need to know."""

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

register = template.Library()


@register.simple_tag(takes_context=True)
def development_sign_in(context: template.Context) -> str:
    """Return the address of the one-click sign-in, "" where it does not exist."""
    if not settings.DEVELOPMENT_SIGN_IN:
        return ""
    return f"{reverse('accounts:development_sign_in')}?{urlencode({'next': context['request'].GET.get('next', '')})}"
