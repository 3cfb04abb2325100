#include "core/base/json_syntax.hpp"

#include <doctest/doctest.h>

using pier::json_syntax_problem;

TEST_CASE("json syntax: problems in the words of the official CLI") {
  const auto problem = [](std::string_view text) { return json_syntax_problem(text).value_or("none"); };
  CHECK(problem("invalid") == "invalid character 'i' looking for beginning of value");
  CHECK(problem("{") == "unexpected end of JSON input");
  CHECK(problem("") == "unexpected end of JSON input");
  CHECK(problem(R"({"a" 1)") == "invalid character '1' after object key");
  CHECK(problem(R"({"a":1 2)") == "invalid character '2' after object key:value pair");
  CHECK(problem("{a") == "invalid character 'a' looking for beginning of object key string");
  CHECK(problem("[1 2") == "invalid character '2' after array element");
  CHECK(problem("[1,]") == "invalid character ']' looking for beginning of value");
  CHECK(problem(R"({"a":1,})") == "invalid character '}' looking for beginning of object key string");
  CHECK(problem(R"("abc)") == "unexpected end of JSON input");
  CHECK(problem(R"("a\x)") == "invalid character 'x' in string escape code");
  CHECK(problem(R"("\u12g)") == "invalid character 'g' in \\u hexadecimal character escape");
  CHECK(problem("tru") == "invalid character ' ' in literal true (expecting 'e')");
  CHECK(problem("1.") == "invalid character ' ' after decimal point in numeric literal");
  CHECK(problem("1ex") == "invalid character 'x' in exponent of numeric literal");
  CHECK(problem("01") == "invalid character '1' after top-level value");
  CHECK(problem("'") == R"(invalid character '\'' looking for beginning of value)");
  CHECK(problem("\xC3") == "invalid character 'Ã' looking for beginning of value");
  CHECK(problem("\x01") == R"(invalid character '\x01' looking for beginning of value)");
}

TEST_CASE("json syntax: a valid text has no problem") {
  for (const auto* text : {"{}", " [ ] ", R"({"a":[{"b":[]}],"c":{}} )", R"(["\u00e9\n", -1.5e+3, true, null])"}) {
    CHECK_FALSE(json_syntax_problem(text));
  }
}
