extension Universe { func traceback(_ frame: Words) -> String { "" } }
