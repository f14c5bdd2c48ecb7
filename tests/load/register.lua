-- Registrations for wrk, each from a different network, with a different submission number and e-mail address.
-- FORM is the body of a filled-in form with the placeholders @SUBMISSION@ and @NUMBER@; SEED is different for each run.
local form, path = os.getenv("FORM"), os.getenv("FORM_PATH")
local before, between, after = form:match("^(.*)@SUBMISSION@(.*)@NUMBER@(.*)$")
local number = tonumber(os.getenv("SEED")) * 1000000
local headers = {
   ["Accept"] = "text/html",
   ["Content-Type"] = "application/x-www-form-urlencoded",
}

function request()
   number = number + 1
   local low, high = number % 65536, math.floor(number / 65536)
   headers["X-Forwarded-For"] =
      string.format("%d.%d.%d.%d", 11 + high / 256 % 200, high % 256, math.floor(low / 256), low % 256)
   local submission = string.format("%08x-0000-7000-8000-%012x", number, number)
   return wrk.format("POST", path, headers, before .. submission .. between .. number .. after)
end
