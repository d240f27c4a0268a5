"""One file a rule, found by folder (`diagnosis.rule.load_rules`)."""
