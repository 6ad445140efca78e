"""Contracts and statements, below `/o/<org>/billing/`."""

from django.urls import path

from billing.statements.web.views import contracts, overview, papers, statements

app_name = "billing"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("contracts/new/", contracts.draft, name="draft_contract"),
    path("contracts/<uuid:contract>/", contracts.show, name="contract"),
    path("contracts/<uuid:contract>/milestones/", contracts.add_milestone, name="add_milestone"),
    path(
        "contracts/<uuid:contract>/milestones/<uuid:milestone>/drop/", contracts.drop_milestone, name="drop_milestone"
    ),
    path("contracts/<uuid:contract>/activation/", contracts.activate, name="activate_contract"),
    path("contracts/<uuid:contract>/end/", contracts.end, name="end_contract"),
    path("statements/<uuid:statement>/", statements.show, name="statement"),
    path("statements/<uuid:statement>/review/", statements.review, name="review_statement"),
    path("statements/<uuid:statement>/return/", statements.return_to_draft, name="return_statement"),
    path("statements/<uuid:statement>/finalization/", statements.finalize, name="finalize_statement"),
    path("statements/<uuid:statement>/lines/<uuid:line>/correction/", statements.correct, name="correct_line"),
    path("statements/<uuid:statement>/statement.pdf", papers.pdf, name="statement_pdf"),
    path("statements/<uuid:statement>/lines.csv", papers.lines_csv, name="statement_csv"),
]
