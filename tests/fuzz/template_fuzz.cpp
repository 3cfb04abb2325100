// LIBS: scaffold
// Templates come from anybody's repository: parsing one never crashes, and neither does running it.
#include "core/scaffold/go_functions.hpp"
#include "core/scaffold/parser.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pier::scaffold;
  if (size > 4096) {
    return 0;
  }
  auto file = parse_template("fuzz", std::string(reinterpret_cast<const char*>(data), size));
  if (!file) {
    return 0;
  }
  Functions functions;
  add_go_functions(functions);
  const Value answers(Value::Map{{"name", "shop"}, {"list", Value::List{"a", "b"}}, {"count", std::int64_t{2}}});
  (void)execute_template(*file, {}, answers, functions);
  return 0;
}
