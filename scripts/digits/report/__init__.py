"""The report page: inputs read, results gathered as plain data, set with a template."""
