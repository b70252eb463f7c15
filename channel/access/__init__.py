"""Who may see and do what: people, roles, tokens, territories, scope, and the audit trail."""
