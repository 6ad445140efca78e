"""Addresses of imports and sites below `/o/<org>/`."""

from django.urls import path

from onboarding.rosters.web.views import imports, site_changes, sites

import_urls = [
    path("", imports.index, name="list"),
    path("upload", imports.upload, name="upload"),
    path("<uuid:roster>/", imports.show, name="show"),
    path("<uuid:roster>/columns", imports.columns, name="columns"),
    path("<uuid:roster>/kinds", imports.kinds, name="kinds"),
    path("<uuid:roster>/start", imports.start, name="start"),
    path("<uuid:roster>/undo", imports.undo, name="undo"),
    path("<uuid:roster>/rows.csv", imports.rows_csv, name="rows"),
]
site_urls = [
    path("", sites.index, name="list"),
    path("add/", site_changes.add, name="add"),
    path("<uuid:site>/", sites.show, name="show"),
    path("<uuid:site>/edit/", site_changes.edit, name="edit"),
    path("<uuid:site>/close/", site_changes.close, name="close"),
    path("<uuid:site>/reopen", site_changes.reopen, name="reopen"),
    path("<uuid:site>/county", site_changes.county, name="county"),
    path("<uuid:site>/time-zone", site_changes.time_zone, name="time_zone"),
]
