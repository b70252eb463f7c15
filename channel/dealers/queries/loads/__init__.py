"""Masters from files: checked and written in sets from a staging table whose columns are the fields of the kind.

The staging table is `incoming` of a load, or `missing_dealer` and `missing_product` for what a sales report names
and asks to be created; faults go as rows into `fault` (line_no, field, reason as a message in JSON).
"""
