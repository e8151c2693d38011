"""How the assistant is doing: `numbers` of a period, and how they are told as charts and as a workbook in `told`."""
