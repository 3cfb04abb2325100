#include "core/scaffold/go_functions.hpp"
#include "core/scaffold/helper_functions.hpp"
#include "core/scaffold/parser.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::scaffold;

namespace {

Result<std::string> run(std::string text) {
  Functions functions;
  add_go_functions(functions);
  add_helper_functions(functions, {.user_name = [] { return Result<std::string>("Ada.Lovelace@example.test"); }});
  Value::Map data;
  data["name"] = "shop";
  data["yes"] = true;
  data["no"] = false;
  data["count"] = std::int64_t{3};
  data["items"] = Value::List{"a", "b", "c"};
  data["nested"] = Value::Map{{"deep", Value::Map{{"leaf", "here"}}}};
  PIER_TRY_ASSIGN(const auto parsed, parse_template("t.tmpl", std::move(text)));
  return execute_template(parsed, {}, Value(std::move(data)), functions);
}

std::string good(std::string text) {
  const auto result = run(std::move(text));
  REQUIRE_MESSAGE(result, result.error().to_string());
  return *result;
}

std::string bad(std::string text) {
  const auto result = run(std::move(text));
  REQUIRE_FALSE(result);
  return result.error().to_string();
}

} // namespace

TEST_CASE("template: what Go's text/template gives") {
  // Each pair was checked with Go 1.26.
  const std::vector<std::pair<std::string, std::string>> cases{
      {"a {{.name}} b", "a shop b"},
      {"{{- /* gone */ -}} x", "x"},
      {"a  {{- .name -}}  b", "ashopb"},
      {"{{.nested.deep.leaf}}", "here"},
      {"{{if .yes}}1{{else}}2{{end}}{{if .no}}1{{else}}2{{end}}", "12"},
      {"{{if .no}}a{{else if eq .name \"shop\"}}b{{else}}c{{end}}", "b"},
      {"{{if and .yes (not .no) (eq .count 3)}}ok{{end}}", "ok"},
      {"{{or .no \"\" .name}}", "shop"},
      {"{{and .no (index .items 99)}}", "false"},
      {"{{range .items}}[{{.}}]{{end}}", "[a][b][c]"},
      {"{{range $i, $e := .items}}{{if $i}},{{end}}{{$i}}{{$e}}{{end}}", "0a,1b,2c"},
      {"{{range $k, $v := .nested}}{{$k}}={{$v.leaf}}{{end}}", "deep=here"},
      {"{{range .items}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}", "ac"},
      {"{{range .items}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{else}}none{{end}}", "a"},
      {"{{range 3}}{{.}}{{end}}", "012"},
      {"{{with .nested.deep}}{{.leaf}}{{end}}{{with .no}}x{{else}}y{{end}}", "herey"},
      {"{{$x := 1}}{{if .yes}}{{$x = 2}}{{end}}{{$x}}", "2"},
      {"{{$x := 1}}{{if .yes}}{{$x := 2}}{{end}}{{$x}}", "1"},
      {"{{define \"t\"}}<{{.}}>{{end}}{{template \"t\" .name}}{{template \"t\"}}", "<shop><<no value>>"},
      {"{{block \"b\" .name}}[{{.}}]{{end}}", "[shop]"},
      {"{{.name | printf \"%s-%s\" \"x\"}}", "x-shop"},
      {"{{printf \"%05d|%-4s|%4s|%q|%v|%.2f|%%\" 42 \"a\" \"b\" \"c\" true 1.5}}", "00042|a   |   b|\"c\"|true|1.50|%"},
      {"{{len .items}}{{len .name}}{{index .items 1}}{{index .nested \"deep\" \"leaf\"}}{{slice .name 1 3}}",
       "34bhereho"},
      {"{{\"{{\"}}raw{{`}}`}}", "{{raw}}"},
      {"{{eq .name \"a\" \"shop\"}}{{ne 1 2}}{{lt 1 2}}{{ge \"b\" \"a\"}}", "truetruetruetrue"},
      {"{{print 1 2 \"a\" \"b\" 3}}", "1 2ab3"},
      {"{{1.5}} {{0x10}} {{'a'}} {{-3}} {{true}} {{\"\\u00e9\\n\"}}", "1.5 16 97 -3 true é\n"},
      {"{{.items}} {{.nested}}", "[a b c] map[deep:map[leaf:here]]"},
      {"{{if\n  .yes\n}}lines{{end}}", "lines"},
      {"{{(index .items 0) | len}}", "1"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(good(text) == expected);
  }
}

TEST_CASE("template: helpers of Databricks templates") {
  CHECK(good("{{(regexp \"^[a-z]+$\").MatchString .name}}") == "true");
  CHECK(good("{{(regexp \"o\").ReplaceAllString .name \"0\"}}") == "sh0p");
  CHECK(good("{{(regexp `(\\w)(\\w)`).ReplaceAllString \"ab\" `${2}$1`}}") == "ba");
  CHECK(good("{{index ((regexp `(\\d+)`).FindStringSubmatch \"v42\") 1}}") == "42");
  CHECK(good("{{(url \"https://u@h.test:8443/a/b?q=1#f\").Host}} {{(url \"https://h.test:1/a\").Hostname}}") ==
        "h.test:8443 h.test");
  CHECK(good("{{define \"t\"}}{{.a}}{{.b}}{{end}}{{template \"t\" (map (pair \"a\" 1) (pair \"b\" .name))}}") ==
        "1shop");
  CHECK(good("{{upper .name}}{{lower \"AB\"}}{{path_separator}}") == "SHOPab/");
  CHECK(good("{{short_name}}") == "ada_lovelace");
  CHECK(good("{{if default_catalog}}x{{else}}main{{end}}") == "main");
  CHECK(good("{{$a := bundle_uuid}}{{eq $a bundle_uuid}}{{ne uuid uuid}}{{lt (random_int 5) 5}}") == "truetruetrue");
}

TEST_CASE("template: an unknown key is an error with its place and the nearest name") {
  const auto result = run("first\n  {{.nmae}}");
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "PIER5002");
  CHECK(result.error().message == "t.tmpl:2:5: there is no value \"nmae\"");
  CHECK(result.error().hint == "did you mean \"name\"?");
}

TEST_CASE("template: errors name what is wrong") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{{", "t.tmpl:1:1: the action that begins here is never closed with }}"},
      {"{{if .yes}}x", "t.tmpl:1:1: {{if}} is never closed with {{end}}"},
      {"x{{end}}", "t.tmpl:1:2: {{end}} without a beginning"},
      {"{{else}}", "t.tmpl:1:1: {{else}} without {{if}}"},
      {"{{\"open}}", "t.tmpl:1:3: the string that begins here is never closed"},
      {"{{/* open", "t.tmpl:1:3: the comment that begins here is never closed with */"},
      {"{{break}}", "t.tmpl:1:1: {{break}} outside of {{range}}"},
      {"{{nope .name}}", "t.tmpl:1:3: there is no function \"nope\""},
      {"{{$x}}", "t.tmpl:1:3: the variable $x is not declared"},
      {"{{template \"t\"}}", "t.tmpl:1:1: there is no template \"t\""},
      {"{{eq 1 \"a\"}}", "t.tmpl:1:3: cannot compare a integer with a string"},
      {"{{index .items 3}}", "t.tmpl:1:3: index 3 is out of range, there are 3 items"},
      {"{{.name.x}}", "t.tmpl:1:3: a string has no field \"x\""},
      {"{{fail \"no %s\" \"way\"}}", "t.tmpl:1:3: no way"},
      {"{{workspace_host}}", "t.tmpl:1:3: the template asks for the workspace's host, which needs a workspace"},
      {"{{.name \"x\"}}", "t.tmpl:1:3: \"name\" is a value and takes no arguments"},
      {"{{1 | 2}}", "t.tmpl:1:7: a value cannot be piped into a literal"},
      {"{{.a.}}", "t.tmpl:1:5: a space is missing here"},
      {"{{define \"x\"}}", "t.tmpl:1:1: {{define}} is never closed with {{end}}"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(bad(text) == expected);
  }
}

TEST_CASE("template: endless work is stopped") {
  CHECK(bad("{{define \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}") ==
        "t.tmpl:1:15: templates call each other too deeply");
  CHECK(bad("{{range 1000000}}{{range 1000000}}x{{end}}{{end}}").find("does not come to an end") != std::string::npos);
  std::string nested;
  for (int i = 0; i < 5000; ++i) {
    nested += "{{if .yes}}";
  }
  CHECK(bad(nested).find("nested too deeply") != std::string::npos);
  CHECK(bad("{{" + std::string(100'000, '(') + "}}").find("nested too deeply") != std::string::npos);
}
