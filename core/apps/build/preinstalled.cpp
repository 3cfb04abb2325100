#include "core/apps/build/preinstalled.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <set>
#include <string_view>

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

struct Library {
  std::string_view module; ///< as imported; programs have the same name
  std::string_view requirement;
};

constexpr std::array<Library, 17> k_libraries = {{{"databricks.sql", "databricks-sql-connector==3.4.0"},
                                                  {"databricks.sdk", "databricks-sdk==0.33.0"},
                                                  {"mlflow", "mlflow-skinny==2.16.2"},
                                                  {"gradio", "gradio==4.44.0"},
                                                  {"streamlit", "streamlit==1.38.0"},
                                                  {"shiny", "shiny==1.1.0"},
                                                  {"dash", "dash==2.18.1"},
                                                  {"flask", "Flask==3.0.3"},
                                                  {"fastapi", "fastapi==0.115.0"},
                                                  {"uvicorn", "uvicorn[standard]==0.30.6"},
                                                  {"gunicorn", "gunicorn==23.0.0"},
                                                  {"huggingface_hub", "huggingface-hub==0.35.3"},
                                                  {"dash_ag_grid", "dash-ag-grid==31.2.0"},
                                                  {"dash_mantine_components", "dash-mantine-components==0.14.4"},
                                                  {"dash_bootstrap_components", "dash-bootstrap-components==1.6.0"},
                                                  {"plotly", "plotly==5.24.1"},
                                                  {"plotly_resampler", "plotly-resampler==0.10.0"}}};

constexpr std::size_t k_max_files = 2000;

/// PEP 503: case, `-`, `_` and `.` do not matter. Ends at the first character that no name has.
std::string project_name(std::string_view requirement) {
  std::string name;
  for (const char c : trim(requirement)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (c == '-' || c == '_' || c == '.') {
      name += '-';
    } else {
      break;
    }
  }
  return name;
}

/// "import a.b as c, d" → a.b, d; "from a.b import c" → a.b, a.b.c
void collect_imports(std::string_view line, std::set<std::string>& modules) {
  line = trim(line);
  const bool from = line.starts_with("from ");
  if (!from && !line.starts_with("import ")) {
    return;
  }
  const auto rest = line.substr(from ? 5 : 7);
  const auto first_word = [](std::string_view text) {
    text = trim(text);
    return std::string(text.substr(0, text.find_first_of(" \t#;(,")));
  };
  if (!from) {
    for (const auto& part : split(rest, ',')) {
      modules.insert(first_word(part));
    }
    return;
  }
  const auto module = first_word(rest);
  modules.insert(module);
  if (const auto import = rest.find(" import "); import != std::string_view::npos) {
    for (const auto& part : split(rest.substr(import + 8), ',')) {
      modules.insert(module + "." + first_word(part));
    }
  }
}

std::set<std::string> imported_modules(const fs::path& source) {
  std::set<std::string> modules;
  std::error_code code;
  std::size_t files = 0;
  for (fs::recursive_directory_iterator it(source, code), end; !code && it != end && files < k_max_files;
       it.increment(code)) {
    const auto name = it->path().filename().string();
    if (it->is_directory() && (name == "node_modules" || name.starts_with('.'))) {
      it.disable_recursion_pending();
    } else if (it->path().extension() == ".py") {
      ++files;
      std::ifstream in(it->path());
      std::string line;
      while (std::getline(in, line)) {
        collect_imports(line, modules);
      }
    }
  }
  return modules;
}

bool is_used(std::string_view module, const std::set<std::string>& modules, const std::vector<std::string>& command) {
  const auto inside = [module](const std::string& one) {
    return one == module || (one.starts_with(module) && one[module.size()] == '.');
  };
  return std::any_of(modules.begin(), modules.end(), inside) ||
         std::find(command.begin(), command.end(), module) != command.end();
}

} // namespace

std::vector<std::string> preinstalled_used_by(const fs::path& source, const std::vector<std::string>& command,
                                              const std::string& requirements) {
  std::set<std::string> named;
  for (const auto& line : split(requirements, '\n')) {
    named.insert(project_name(line));
  }
  const auto modules = imported_modules(source);
  std::vector<std::string> used;
  for (const auto& library : k_libraries) {
    if (is_used(library.module, modules, command) && !named.contains(project_name(library.requirement))) {
      used.emplace_back(library.requirement);
    }
  }
  return used;
}

} // namespace pier::apps
