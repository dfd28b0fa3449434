extension Universe { func installFunctions() {} }
