#include "cli/bundle/run_arguments.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace pier::cli {
namespace {

struct TaskParameter {
  std::string_view option; ///< "python-params"
  std::string_view field;  ///< in the request
  bool is_map;
};

constexpr std::array k_task_parameters = {
    TaskParameter{"dbt-commands", "dbt_commands", false},
    TaskParameter{"jar-params", "jar_params", false},
    TaskParameter{"notebook-params", "notebook_params", true},
    TaskParameter{"pipeline-params", "pipeline_params", true},
    TaskParameter{"python-named-params", "python_named_params", true},
    TaskParameter{"python-params", "python_params", false},
    TaskParameter{"spark-submit-params", "spark_submit_params", false},
    TaskParameter{"sql-params", "sql_params", true},
};

/// Which parameter the words after the key are, by the only type of task that a job has.
struct TaskWords {
  std::string_view task;
  std::string_view field; ///< empty: takes no words
  bool is_map;
};

constexpr std::array k_task_words = {
    TaskWords{"notebook_task", "notebook_params", true},
    TaskWords{"spark_jar_task", "jar_params", false},
    TaskWords{"spark_python_task", "python_params", false},
    TaskWords{"python_wheel_task", "python_params", false},
    TaskWords{"spark_submit_task", "spark_submit_params", false},
    TaskWords{"pipeline_task", {}, false},
    TaskWords{"sql_task", {}, false},
    TaskWords{"dbt_task", {}, false},
    TaskWords{"run_job_task", {}, false},
};

Error wrong(std::string message) {
  return Error{.kind = ErrorKind::usage, .code = "PIER0020", .message = std::move(message)};
}

std::vector<std::string> list_of(const Arguments& options, std::string_view name) {
  std::vector<std::string> items;
  for (const auto& text : options.all(name)) {
    const auto parts = split(text, ',');
    items.insert(items.end(), parts.begin(), parts.end());
  }
  return items;
}

Result<Json> map_of(const Arguments& options, std::string_view name) {
  auto map = Json::object();
  for (const auto& item : list_of(options, name)) {
    const auto equals = item.find('=');
    if (equals == std::string::npos) {
      return wrong("invalid argument \"" + item + "\" for \"--" + std::string(name) + "\" flag: " + item +
                   " must be formatted as key=value");
    }
    map[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return map;
}

/// `--key=value` and `--key value`.
Result<void> add_pairs(Json& map, const std::vector<std::string>& words) {
  std::size_t next = 0;
  while (next < words.size() && words[next].starts_with("--")) {
    const auto equals = words[next].find('=');
    if (equals != std::string::npos) {
      map[words[next].substr(2, equals - 2)] = words[next].substr(equals + 1);
      ++next;
    } else if (next + 1 < words.size()) {
      map[words[next].substr(2)] = words[next + 1];
      next += 2;
    } else {
      break;
    }
  }
  return expect_no_words({words.begin() + static_cast<std::ptrdiff_t>(next), words.end()});
}

const std::vector<Json>& items_of(const Json& job, std::string_view field) {
  static const std::vector<Json> none;
  const auto* list = job.find(field);
  return list != nullptr && list->is_array() ? list->as_array() : none;
}

bool has_wheel_task(const Json& job) {
  const auto& tasks = items_of(job, "tasks");
  return std::any_of(tasks.begin(), tasks.end(), [](const Json& task) { return task.contains("python_wheel_task"); });
}

Result<void> add_words(Json& request, const Json& job, const std::vector<std::string>& words) {
  if (words.empty()) {
    return {};
  }
  if (!items_of(job, "parameters").empty()) {
    return add_pairs(request["job_parameters"], words);
  }
  std::set<std::string_view> seen;
  const TaskWords* only = nullptr;
  for (const auto& task : items_of(job, "tasks")) {
    for (const auto& type : k_task_words) {
      if (task.contains(type.task)) {
        seen.insert(type.field.empty() ? type.task : type.field);
        only = &type;
      }
    }
  }
  if (only == nullptr || seen.size() != 1 || only->field.empty()) {
    return expect_no_words(words);
  }
  if (only->is_map) {
    return add_pairs(request[only->field], words);
  }
  for (const auto& word : words) {
    request[only->field].push_back(word);
  }
  return {};
}

bool is_task_key(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
}

/// Job parameters and task parameters exclude each other; named tasks must be there.
Result<void> check(const Json& job, const Json& request) {
  const bool has_parameters = !items_of(job, "parameters").empty();
  const bool task_parameters = std::any_of(k_task_parameters.begin(), k_task_parameters.end(),
                                           [&](const auto& parameter) { return request.contains(parameter.field); });
  if (has_parameters && task_parameters) {
    return wrong("the job to run defines job parameters; specifying task parameters is not allowed");
  }
  if (!has_parameters && request.contains("job_parameters")) {
    return wrong("the job to run does not define job parameters; specifying job parameters is not allowed");
  }
  const auto& tasks = items_of(job, "tasks");
  for (const auto& key : items_of(request, "only")) {
    const bool known = std::any_of(tasks.begin(), tasks.end(),
                                   [&](const Json& task) { return task.get_string("task_key") == key.as_string(); });
    if (is_task_key(key.as_string()) && !known) {
      return wrong("task \"" + key.as_string() + "\" not found in job \"" + job.get_string("name") + "\"");
    }
  }
  return {};
}

/// The one parameter of pipeline tasks is a truth value.
Result<void> type_pipeline_parameters(Json& request) {
  const auto* given = request.find("pipeline_params");
  if (given == nullptr) {
    return {};
  }
  const auto value = given->get_string("full_refresh");
  const bool yes =
      value == "1" || value == "t" || value == "T" || value == "true" || value == "TRUE" || value == "True";
  const bool no =
      value == "0" || value == "f" || value == "F" || value == "false" || value == "FALSE" || value == "False";
  if (!yes && !no) {
    return wrong("job run argument --pipeline-params only supports `full_refresh=<bool>`");
  }
  request["pipeline_params"] = Json::object({{"full_refresh", yes}});
  return {};
}

/// The wrapper that runs wheels on old clusters is a notebook: it gets the parameters as one text.
Result<void> wrap_python_parameters(Json& request) {
  const auto* given = request.find("python_params");
  if (given == nullptr) {
    return {};
  }
  if (const auto* notebook = request.find("notebook_params");
      notebook != nullptr && notebook->contains("__python_params")) {
    return wrong("can't use __python_params as notebook param, the name is reserved for internal use");
  }
  const auto text = given->dump();
  request["notebook_params"]["__python_params"] = text;
  return {};
}

OptionSpec list_option(std::string name, std::string help) {
  return {.name = std::move(name), .value = "LIST", .help = std::move(help), .repeatable = true};
}

} // namespace

std::vector<OptionSpec> run_parameter_options() {
  return {list_option("params", "job parameters: k=v,k=v"),
          list_option("only", "task keys; +KEY: with what it needs, KEY+: with what needs it"),
          list_option("dbt-commands", "commands for dbt tasks"),
          list_option("jar-params", "parameters for Spark JAR tasks"),
          list_option("notebook-params", "k=v for notebook tasks"),
          list_option("pipeline-params", "full_refresh=BOOL for pipeline tasks"),
          list_option("python-named-params", "k=v for Python wheel tasks"),
          list_option("python-params", "parameters for Python tasks"),
          list_option("spark-submit-params", "parameters for Spark submit tasks"),
          list_option("sql-params", "k=v for SQL tasks"),
          list_option("refresh", "tables of a pipeline to update"),
          list_option("full-refresh", "tables of a pipeline to reset and compute anew"),
          {.name = "refresh-all", .help = "update all tables of a pipeline"},
          {.name = "full-refresh-all", .help = "reset all tables of a pipeline and compute them anew"},
          {.name = "validate-only", .help = "only check a pipeline's graph"}};
}

Result<void> expect_no_words(const std::vector<std::string>& words) {
  if (words.empty()) {
    return {};
  }
  return wrong("received " + std::to_string(words.size()) + " unexpected positional arguments");
}

Result<Json> run_now_request(const Json& job, std::int64_t job_id, const Arguments& options,
                             const std::vector<std::string>& words, bool wheel_wrapper) {
  auto request = Json::object({{"job_id", job_id}});
  for (const auto& parameter : k_task_parameters) {
    if (!options.has(parameter.option)) {
      continue;
    }
    if (parameter.is_map) {
      PIER_TRY_ASSIGN(request[parameter.field], map_of(options, parameter.option));
    } else {
      request[parameter.field] = Json::strings(list_of(options, parameter.option));
    }
  }
  if (options.has("params")) {
    PIER_TRY_ASSIGN(request["job_parameters"], map_of(options, "params"));
  }
  if (options.has("only")) {
    request["only"] = Json::strings(list_of(options, "only"));
  }
  PIER_TRY(add_words(request, job, words));
  if (wheel_wrapper && has_wheel_task(job)) {
    PIER_TRY(wrap_python_parameters(request));
  }
  PIER_TRY(check(job, request));
  PIER_TRY(type_pipeline_parameters(request));
  return request;
}

Result<Json> pipeline_update_request(const Arguments& options, const std::vector<std::string>& words) {
  PIER_TRY(expect_no_words(words));
  std::vector<std::string> whole;
  for (const auto* name : {"refresh-all", "full-refresh-all", "validate-only"}) {
    if (options.has(name)) {
      whole.push_back(std::string("--") + name);
    }
  }
  if (whole.size() > 1) {
    return wrong(join(whole, ", ") + " pipeline run flags are mutually exclusive");
  }
  if (!whole.empty() && (options.has("refresh") || options.has("full-refresh"))) {
    return wrong("cannot use --refresh or --full-refresh together with " + whole.front() +
                 ", these flags are mutually exclusive");
  }
  auto request = Json::object();
  if (options.has("refresh")) {
    request["refresh_selection"] = Json::strings(list_of(options, "refresh"));
  }
  if (options.has("full-refresh")) {
    request["full_refresh_selection"] = Json::strings(list_of(options, "full-refresh"));
  }
  if (options.has("full-refresh-all")) {
    request["full_refresh"] = true;
  }
  if (options.has("validate-only")) {
    request["validate_only"] = true;
  }
  return request;
}

} // namespace pier::cli
