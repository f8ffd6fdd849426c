// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @title The owner of a collection
/// @notice Ownership moves in two steps and cannot be given up, because sales are paid to the owner.
abstract contract Owned is Ownable2Step {
    error OwnershipCannotBeRenounced();

    /// @inheritdoc Ownable
    function renounceOwnership() public view override onlyOwner {
        revert OwnershipCannotBeRenounced();
    }
}
