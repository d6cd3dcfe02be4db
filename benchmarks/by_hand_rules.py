"""A hundred rules, written by hand from the YAML of the content: derivations and criteria of both documents.

They were drawn once from all that are true or false, with the seed 2014: 26 with numbers, 24 with codes, 28 that rest on two or
more other definitions, 14 that join plain facts, and 8 that are a plain fact.
"""

from __future__ import annotations

from benchmarks import by_hand_derived as derived
from benchmarks.by_hand import Rule, above, at_least, at_most, below, fact, has, named

DERIVATIONS: dict[str, Rule] = {
    "age_over_65": above("age_years", 65),
    "carcinoid_heart_disease_advanced": derived.advanced_heart_disease,
    "carcinoid_heart_disease_severe": derived.severe_heart_disease,
    "conversion_candidate": derived.conversion_candidate,
    "fdg_relevant_g2": has("governing_who_class", "NET_G2") & above("governing_ki67_percent", 10),
    "grade_discordant": derived.grade_discordant,
    "insulinoma": has("hormone_syndrome", "insulinoma"),
    "limited_liver_metastases": derived.limited_liver_metastases,
    "milan_3_primary_resected": derived.milan_3,
    "milan_4_burden_below_50": derived.milan_4,
    "milan_5_stable_6_months": derived.milan_5,
    "milan_6_age_below_60": derived.milan_6,
    "ned_reached_by_surgery": derived.ned_reached_by_surgery,
    "transplant_contraindicated_first_list": derived.transplant_contraindicated_first_list,
    "type3_conversion_promising": derived.type3_conversion_promising,
    "type3_pattern_2": derived.type3_pattern_2,
    "type3_pattern_3": derived.type3_pattern_3,
}

# nelm-2014: criteria that are built on one another
_ruled_out_by_document = named(
    "is_ruled_out_by_document",
    derived.grade_3 | derived.type_3 | derived.extrahepatic_unresectable,
)
_unresectable_metastases = named(
    "is_unresectable_metastases",
    derived.not_completely_resectable | ~fact("suitable_for_surgery") | fact("surgery_contraindicated") | _ruled_out_by_document,
)
_exempt_only_by_t1 = named(
    "is_exempt_only_by_t1",
    derived.appendix_exception & above("primary_diameter_mm", 10),
)
_drugs_failing = named(
    "is_drugs_failing",
    fact("progression") & (fact("rapid_clinical_progression_on_treatment") | fact("systemic_treatment_failing")),
)

OF_2014: dict[str, Rule] = {
    "nelm-2014.primary_is_pancreas": has("primary_site", "pancreas"),
    "nelm-2014.removable_completely": derived.completely_resectable,
    "nelm-2014.ruled_out_by_document": _ruled_out_by_document,
    "nelm-2014.unresectable_metastases": _unresectable_metastases,
    "nelm-2014/Q02.exempt_only_by_t1": _exempt_only_by_t1,
    "nelm-2014/Q02.low_for_panel": derived.low_ki67 | derived.grade_1,
    "nelm-2014/Q02.primary_dealt_with": derived.primary_resected | derived.primary_ablated,
    "nelm-2014/Q02.small_rectal_grade_1": (
        has("primary_site", "rectum") & derived.grade_1 & at_most("primary_diameter_mm", 10) & ~fact("negative_prognostic_factors")
    ),
    "nelm-2014/Q02.t1_contradicts_size": _exempt_only_by_t1 & has("tnm_system", "enets"),
    "nelm-2014/Q04.metastases_now_or_earlier": fact("liver_metastases_present") | fact("liver_metastases_ever"),
    "nelm-2014/Q06.functional_or_inconclusive": derived.hormonally_functional | fact("imaging_inconclusive"),
    "nelm-2014/Q07.grades_differ": derived.grade_discordant,
    "nelm-2014/Q08.advanced_heart_disease": derived.advanced_heart_disease,
    "nelm-2014/Q08.extrahepatic_not_in_the_way": derived.extrahepatic_none_or_resectable,
    "nelm-2014/Q08.margin_r0_or_r1": derived.margin_r0_or_r1,
    "nelm-2014/Q08.remnant_at_least_30": at_least("future_liver_remnant_percent", 30),
    "nelm-2014/Q08.remnant_below_30": below("future_liver_remnant_percent", 30),
    "nelm-2014/Q08.type_unclassified": derived.type_unclassified,
    "nelm-2014/Q09.liver_not_resectable": derived.not_completely_resectable | _ruled_out_by_document,
    "nelm-2014/Q09.liver_response_good": fact("liver_response_satisfactory"),
    "nelm-2014/Q09.no_operation_possible": ~fact("suitable_for_surgery") | fact("surgery_contraindicated"),
    "nelm-2014/Q09.pancreas_head": has("pancreas_part", "head"),
    "nelm-2014/Q10.contraindicated_by_first_list": derived.transplant_contraindicated_first_list,
    "nelm-2014/Q10.liver_unresectable": derived.not_completely_resectable,
    "nelm-2014/Q10.perihilar_nodes_resectable": derived.extrahepatic_resectable & fact("extrahepatic_only_perihilar_nodes"),
    "nelm-2014/Q10.poorly_differentiated": derived.nec,
    "nelm-2014/Q10.severe_heart_disease": derived.severe_heart_disease,
    "nelm-2014/Q14.sstr_negative": has("sstr_status", "negative"),
    "nelm-2014/Q15.burden_above_half": above("liver_tumour_burden_percent", 50),
    "nelm-2014/Q15.burden_below_10": below("liver_tumour_burden_percent", 10),
    "nelm-2014/Q15.burden_judged_low": fact("low_liver_burden"),
    "nelm-2014/Q15.drugs_failing": _drugs_failing,
    "nelm-2014/Q15.no_cure_in_sight": _unresectable_metastases | _drugs_failing,
}

# pnelm-2023: criteria that are built on one another
_metastases_present = fact("liver_metastases_present") & ~derived.cleared_on_record
_cleared_without_dispute = named(
    "is_cleared_without_dispute",
    ~_metastases_present & ~fact("ned_status_disputed"),
)
_primary_no_obstacle = named(
    "is_primary_no_obstacle",
    fact("primary_resectable") | derived.primary_resected,
)

OF_2023: dict[str, Rule] = {
    "pnelm-2023.liver_resectable": derived.liver_resectable_2023,
    "pnelm-2023.net_any_grade": has("governing_who_class", "NET_G1", "NET_G2", "NET_G3"),
    "pnelm-2023.net_g3": derived.net_g3,
    "pnelm-2023.operation_aimed": fact("operation_aimed_at"),
    "pnelm-2023.type_1": derived.type_1,
    "pnelm-2023.type_3": derived.type_3,
    "pnelm-2023/Q02.metastasis_informative": fact("liver_biopsy_informative"),
    "pnelm-2023/Q02.net_against_nec": (
        derived.grade_discordant & (has("primary_who_class", "NEC") | has("metastasis_who_class", "NEC") | derived.nec)
    ),
    "pnelm-2023/Q05.2.no_surgical_treatment": (
        ~fact("suitable_for_surgery") | fact("surgery_contraindicated") | ~fact("operation_aimed_at")
    ),
    "pnelm-2023/Q05.3.liver_tissue_not_needed": ~fact("liver_sample_needed"),
    "pnelm-2023/Q05.3.primary_tissue_not_needed": ~fact("primary_sample_needed"),
    "pnelm-2023/Q05.4.both_sites_sampled": fact("primary_specimen_available") & fact("liver_specimen_available"),
    "pnelm-2023/Q05.4.eus_route_planned": has("planned_biopsy_route", "eus"),
    "pnelm-2023/Q05.4.other_route_planned": has("planned_biopsy_route", "percutaneous_us", "surgical", "other"),
    "pnelm-2023/Q05.4.primary_removed": derived.primary_resected,
    "pnelm-2023/Q05.5.first_line_considered": has("treatment_line", "first"),
    "pnelm-2023/Q05.5.primary_removed": derived.primary_resected,
    "pnelm-2023/Q06.1.celiac_trunk_invaded": has("celiac_relation", "invaded"),
    "pnelm-2023/Q06.3.cleared_without_dispute": _cleared_without_dispute,
    "pnelm-2023/Q06.4.cleared_without_dispute": _cleared_without_dispute,
    "pnelm-2023/Q06.4.goal_is_not_ned": has("treatment_goal", "debulking", "symptom_control", "local_control"),
    "pnelm-2023/Q06.4.resection_alone_suffices": fact("ned_by_resection_alone"),
    "pnelm-2023/Q07.1.primary_no_obstacle": _primary_no_obstacle,
    "pnelm-2023/Q07.2.large_cell": has("nec_cell_type", "large_cell"),
    "pnelm-2023/Q07.2.primary_no_obstacle": _primary_no_obstacle,
    "pnelm-2023/Q08.1.jaundice_or_duodenal_obstruction": fact("jaundice") | fact("duodenal_obstruction"),
    "pnelm-2023/Q08.1.primary_in_head": has("pancreas_part", "head"),
    "pnelm-2023/Q08.2.debulking_above_70": above("expected_debulking_percent", 70),
    "pnelm-2023/Q08.2.debulking_above_90": above("expected_debulking_percent", 90),
    "pnelm-2023/Q10.favourable_factors": derived.favourable_for_spleen_preservation,
    "pnelm-2023/Q10.inflammation_around_pancreas": fact("peripancreatic_inflammation"),
    "pnelm-2023/Q11.clearance_promising": fact("ned_promising_after_conversion"),
    "pnelm-2023/Q11.pattern_2_met": derived.type3_pattern_2,
    "pnelm-2023/Q11.pattern_3_met": derived.type3_pattern_3,
    "pnelm-2023/Q11.type_unclassified": derived.type_unclassified,
    "pnelm-2023/Q12.burden_below_half": derived.milan_4,
    "pnelm-2023/Q12.metastases_resectable": derived.liver_resectable_2023 | derived.completely_resectable,
    "pnelm-2023/Q12.no_disease_outside_liver": derived.milan_1,
    "pnelm-2023/Q12.primary_not_detected": derived.primary_not_found,
    "pnelm-2023/Q12.stable_half_a_year": derived.milan_5,
    "pnelm-2023/Q12.whole_list_met": derived.milan_net_met,
    "pnelm-2023/Q12.younger_than_60": derived.milan_6,
    "pnelm-2023/Q13.candidate_for_conversion": derived.conversion_candidate,
    "pnelm-2023/Q13.cleared_by_operation": derived.ned_status & derived.ned_reached_by_surgery,
    "pnelm-2023/Q14.cleared_by_surgery": derived.ned_reached_by_surgery,
    "pnelm-2023/Q14.ki67_at_most_10": at_most("governing_ki67_percent", 10),
    "pnelm-2023/Q14.ned_reached": derived.ned_status,
    "pnelm-2023/Q14.regimen_effective": fact("preoperative_regimen_effective"),
    "pnelm-2023/Q14.suits_combined_treatment": derived.combined_local_systemic_candidate,
    "pnelm-2023/Q14.type_unclassified": derived.type_unclassified,
}

SEED = 2014  # with which they were drawn
RULES: dict[str, Rule] = {**DERIVATIONS, **OF_2014, **OF_2023}
