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
/// Reads options, and says everything that is wrong with them: unknown names, values that cannot be read or are out of bounds.
/// </summary>
public static class ConfiguredOptions
{
    /// <summary>Registers the options; they are read when somebody first needs them.</summary>
    public static IServiceCollection AddConfigured<T>(this IServiceCollection services)
        where T : class, IConfiguredOptions, new() =>
        services.AddSingleton(provider => Read<T>(provider.GetRequiredService<IConfiguration>()));

    /// <exception cref="OptionsValidationException">Says everything that is wrong.</exception>
    public static T Read<T>(IConfiguration configuration)
        where T : class, IConfiguredOptions, new()
    {
        var options = new T();
        var faults = Fill(options, configuration.GetSection(T.Section)).ToList();
        return faults.Count == 0 ? options : throw new OptionsValidationException(T.Section, typeof(T), faults);
    }

    /// <summary>Everything that is wrong, each with what to do.</summary>
    public static IReadOnlyList<string> Faults<T>(IConfiguration configuration)
        where T : class, IConfiguredOptions, new() => [.. Fill(new T(), configuration.GetSection(T.Section))];

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

        // An empty value is none.
        if (value is null)
            return null;
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
            _ => "value of it",
        };
}
