using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace CooperationEvents.Storage;

/// <summary>
/// Options of one section of the configuration. What is not configured is as in a new instance; what a number or time may be is said by
/// its <see cref="RangeAttribute"/>.
/// </summary>
public interface IConfiguredOptions
{
    /// <summary>The name of the section.</summary>
    static abstract string Section { get; }
}

/// <summary>
/// The options of all sections, each read once, when somebody first needs it; and everything that is wrong with them: unknown names,
/// values that cannot be read or are out of bounds.
/// </summary>
public sealed class ConfiguredOptions(IConfiguration configuration)
{
    private readonly ConcurrentDictionary<Type, (object Options, IReadOnlyList<string> Faults)> _sections = new();

    /// <exception cref="OptionsValidationException">Says everything that is wrong.</exception>
    public T Of<T>()
        where T : class, IConfiguredOptions, new() =>
        Read<T>() is (T options, []) ? options : throw new OptionsValidationException(T.Section, typeof(T), Faults<T>());

    /// <summary>Everything that is wrong, each with what to do.</summary>
    public IReadOnlyList<string> Faults<T>()
        where T : class, IConfiguredOptions, new() => Read<T>().Faults;

    private (object Options, IReadOnlyList<string> Faults) Read<T>()
        where T : class, IConfiguredOptions, new() => _sections.GetOrAdd(typeof(T), _ =>
        {
            var options = new T();
            return (options, [.. Fill(options, configuration.GetSection(T.Section))]);
        });

    private static IEnumerable<string> Fill(object options, IConfigurationSection section)
    {
        var properties = options.GetType().GetProperties().Where(p => p.CanWrite).ToList();
        foreach (var child in section.GetChildren())
        {
            if (properties.Find(p => p.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is not { } property)
                yield return $"{child.Path} is no setting. There are "
                    + $"{string.Join(", ", properties.Select(p => $"{section.Path}:{p.Name}"))}.";
            else if (IsNested(property.PropertyType))
                foreach (var fault in Fill(property.GetValue(options)!, child))
                    yield return fault;
            else if (Set(options, property, child) is { } fault)
                yield return fault;
        }
    }

    /// <summary>Gives the property the configured value; says what is wrong where that cannot be.</summary>
    private static string? Set(object options, PropertyInfo property, IConfigurationSection given)
    {
        object? value;
        try
        {
            value = given.Get(property.PropertyType);
        }
        catch (InvalidOperationException)
        {
            return $"{given.Path} is '{given.Value}', which is no {WordFor(property.PropertyType)}.";
        }

        // An empty value is none; of a list or of names, so is one that has neither.
        if (value is null or ICollection { Count: 0 })
            return given.Value is { Length: > 0 }
                ? $"{given.Path} is '{given.Value}', which is no {WordFor(property.PropertyType)}."
                : null;
        if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(value))
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{given.Path} is {given.Value}; it must be from {range.Minimum} to {range.Maximum}."
            );
        property.SetValue(options, value);
        return null;
    }

    private static bool IsNested(Type type) =>
        type is { IsClass: true, IsArray: false } && type.Namespace?.StartsWith("CooperationEvents", StringComparison.Ordinal) == true;

    private static string WordFor(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(int) || t == typeof(long) => "whole number",
            var t when t == typeof(double) => "number",
            var t when t == typeof(TimeSpan) => "time such as 00:00:15",
            var t when t == typeof(bool) => "true or false",
            var t when t.IsAssignableTo(typeof(IDictionary)) => "name with a value, such as NAME=value behind it",
            var t when t.IsArray => "list, whose entries are named 0, 1 and so on behind it",
            _ => "value of it",
        };
}

public static class ConfiguredOptionsHosting
{
    /// <summary>Registers the options of a section.</summary>
    public static IServiceCollection AddConfigured<T>(this IServiceCollection services)
        where T : class, IConfiguredOptions, new() =>
        services.AddSingleton(provider => provider.GetRequiredService<ConfiguredOptions>().Of<T>());
}
