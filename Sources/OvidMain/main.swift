print("ovid: not built yet")
